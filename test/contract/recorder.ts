import { createServer } from 'node:http';

export interface RecordedRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly body: string;
}

export interface Recorder {
  readonly url: string;
  readonly requests: readonly RecordedRequest[];
  readonly close: () => Promise<void>;
}

const open = new Set<() => Promise<void>>();
/** A test that fails before it closes its recorder must not keep the process alive. */
afterEach(() => Promise.all([...open].map((close) => close())).then(() => open.clear()));

/** A bare HTTP server that answers as told: unlike the fakes it shares no code with what is tested. */
export async function startRecorder(
  answer: (request: RecordedRequest) => {
    readonly status: number;
    readonly headers?: Record<string, string>;
    readonly text: string;
  },
): Promise<Recorder> {
  const requests: RecordedRequest[] = [];
  const server = createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const request = {
        method: incoming.method ?? '',
        url: incoming.url ?? '',
        headers: Object.fromEntries(
          Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]),
        ),
        body: Buffer.concat(chunks).toString('utf8'),
      };
      requests.push(request);
      const { status, headers, text } = answer(request);
      response.writeHead(status, headers).end(text);
    });
  });
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port));
  });
  const close = (): Promise<void> => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeAllConnections();
    return closed;
  };
  open.add(close);
  return { url: `http://127.0.0.1:${String(port)}`, requests, close };
}
