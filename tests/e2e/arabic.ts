/** The panel right to left: a part of its words in Arabic, as an app would replace them. */
import type { Page } from "playwright-core";
import type { Texts } from "../../app/element/texts.ts";

const ARABIC: Texts = {
  "heading": "التقاويم",
  "introduction": "اربط تقويمًا للتخطيط حوله. تُقرأ الأحداث ولا تُغيَّر أبدًا.",
  "google.name": "تقويم غوغل",
  "outlook.name": "تقويم أوتلوك",
  "status.none": "غير متصل",
  "status.active": "متصل",
  "connect": "اتصال",
  "connect.label": "اتصال {name}",
  "disconnect": "قطع الاتصال",
  "disconnect.label": "قطع الاتصال بـ {name}",
  "since": "منذ {date}",
  "sync.never": "لم تتم المزامنة بعد",
  "permission.read": "يمكنه رؤية تقاويمك، ولا يمكنه تغييرها",
  "capacity.other": "{count} إجراءات في اليوم",
  "capacity.default": "، القيمة الافتراضية، إلى أن يقرر تقويمك",
};

export async function inArabic(page: Page): Promise<void> {
  await page.evaluate((texts) => {
    Object.assign(document.documentElement, { lang: "ar", dir: "rtl" });
    Object.assign(document.querySelector("calendar-settings")!, { texts });
  }, ARABIC);
  await page.getByText(ARABIC.heading!).waitFor();
}
