import { createServer } from 'node:http';
import { listen } from '../../connectors/fake-server';

/** Stands before a real system and loses answers, as a network does. */
export interface LosingProxy {
  readonly url: string;
  /** The nth request from now takes effect, and its answer is lost; 0 takes it back. */
  crashBehind(n: number): void;
  /** Its answer is lost, and it reaches the system when `takeEffect` is called. */
  commitLate(n: number): void;
  takeEffect(): Promise<void>;
  close(): Promise<void>;
}

export async function startLosingProxy(target: string): Promise<LosingProxy> {
  let [crashIn, lateIn] = [0, 0];
  const waiting: (() => Promise<unknown>)[] = [];
  const server = createServer((incoming, outgoing) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of incoming) chunks.push(chunk as Buffer);
      const [isCrash, isLate] = [--crashIn === 0, --lateIn === 0];
      const { authorization = '', 'x-tryton-context': context } = incoming.headers;
      const send = (): Promise<Response> =>
        fetch(`${target}${incoming.url ?? ''}`, {
          method: incoming.method ?? 'GET',
          headers: {
            authorization,
            'content-type': 'application/json',
            ...(context === undefined ? {} : { 'x-tryton-context': String(context) }),
          },
          body: chunks.length === 0 ? null : Buffer.concat(chunks),
        });
      if (isLate) waiting.push(send);
      if (isLate || (isCrash && (await send()))) {
        outgoing.destroy();
        return;
      }
      const answer = await send();
      outgoing.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' });
      outgoing.end(Buffer.from(await answer.arrayBuffer()));
    })().catch(() => outgoing.destroy());
  });
  return {
    url: await listen(server, 0),
    crashBehind: (n) => {
      crashIn = n;
    },
    commitLate: (n) => {
      lateIn = n;
    },
    takeEffect: async () => {
      for (const send of waiting.splice(0)) await send();
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}
