/** A management API on the loopback interface, in place of api.supabase.com: it keeps what the CLI sends. */
export const PROJECT = "abcdefghijklmnopqrst";

export interface Upload {
  slug: string;
  metadata: {
    name: string;
    entrypoint_path: string;
    import_map_path: string;
    static_patterns: string[];
    verify_jwt: boolean;
  };
  /** By the path that the CLI gave, relative to the project's folder. */
  files: Map<string, Uint8Array<ArrayBuffer>>;
}

export interface Management {
  url: string;
  uploads: Upload[];
  secrets: Record<string, string>;
  /** Requests it had no answer for. */
  unknown: string[];
  stop(): Promise<void>;
}

export function startManagement(): Management {
  const uploads: Upload[] = [];
  const secrets: Record<string, string> = {};
  const unknown: string[] = [];
  const base = `/v1/projects/${PROJECT}`;

  async function answer(request: Request): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    const asked = `${request.method} ${pathname}`;
    if (!/^Bearer sbp_0{40}$/.test(request.headers.get("authorization") ?? "")) {
      return Response.json({ message: "Unauthorized" }, { status: 401 });
    }
    if (asked === `POST ${base}/functions/deploy`) {
      const upload = await read(searchParams.get("slug") ?? "", await request.formData());
      uploads.push(upload);
      return Response.json(deployed(upload), { status: 201 });
    }
    if (asked === `PUT ${base}/functions`) {
      // Several functions are bundled first and put into service together.
      return Response.json({ functions: await request.json() });
    }
    if (asked === `POST ${base}/secrets`) {
      const sent: { name: string; value: string }[] = await request.json();
      for (const { name, value } of sent) secrets[name] = value;
      return new Response(null, { status: 201 });
    }
    // The CLI looks for the project's name to print, and does without.
    if (asked !== `GET ${base}`) unknown.push(asked);
    return Response.json({ message: "Not Found" }, { status: 404 });
  }

  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, answer);
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    uploads,
    secrets,
    unknown,
    stop: () => server.shutdown(),
  };
}

async function read(slug: string, form: FormData): Promise<Upload> {
  const files: Upload["files"] = new Map();
  for (const part of form.getAll("file")) {
    if (typeof part === "string") throw new Error("a file of the upload came as text");
    files.set(part.name, new Uint8Array(await part.arrayBuffer()));
  }
  const metadata = form.get("metadata");
  const text = metadata instanceof File ? await metadata.text() : metadata;
  return { slug, metadata: JSON.parse(text ?? "{}"), files };
}

function deployed({ slug, metadata }: Upload): Record<string, unknown> {
  return {
    id: crypto.randomUUID(),
    slug,
    name: metadata.name,
    status: "ACTIVE",
    version: 1,
    created_at: 1,
    updated_at: 1,
    verify_jwt: metadata.verify_jwt,
    entrypoint_path: metadata.entrypoint_path,
  };
}
