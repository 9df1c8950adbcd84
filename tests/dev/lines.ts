/** Bytes in, lines out. */
export class TextLineStream implements ReadableWritablePair<string, Uint8Array<ArrayBuffer>> {
  readonly writable: WritableStream<Uint8Array<ArrayBuffer>>;
  readonly readable: ReadableStream<string>;

  constructor() {
    const decoder = new TextDecoder();
    let rest = "";
    const { readable, writable } = new TransformStream<Uint8Array<ArrayBuffer>, string>({
      transform(bytes, controller) {
        const parts = (rest + decoder.decode(bytes, { stream: true })).split("\n");
        rest = parts.pop() ?? "";
        for (const line of parts) controller.enqueue(line);
      },
      flush(controller) {
        if (rest !== "") controller.enqueue(rest);
      },
    });
    this.readable = readable;
    this.writable = writable;
  }
}
