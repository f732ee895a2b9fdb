import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export interface Proxy {
  /** The database's URL, by way of the proxy. */
  readonly url: string;
  /** Drops every connection and takes no more, as a server that has gone away. */
  cut(): Promise<void>;
  restore(): Promise<void>;
  /**
   * Passes nothing more on that comes on the connections there are, and says nothing about it, as a
   * firewall that has forgotten them. Serves new ones.
   */
  freeze(): void;
  /** The same of answers alone: what is asked is done, and nobody hears of it. */
  deafen(): void;
  close(): Promise<void>;
}

/** Stands between a service and its database, so that a test can take the database away. */
export async function openProxy(target: URL): Promise<Proxy> {
  const sockets = new Set<Socket>();
  const upstreams = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(Number(target.port || 3306), target.hostname);
    upstreams.add(upstream);
    upstream.once('close', () => upstreams.delete(upstream));
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(socket);
      socket.pipe(other);
      socket.on('error', () => other.destroy());
      socket.once('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
  });
  const listen = async (port: number): Promise<void> => {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  };
  const cut = async (): Promise<void> => {
    const closed = once(server, 'close');
    server.close();
    for (const socket of sockets) socket.destroy();
    await closed;
  };

  await listen(0);
  const { port } = server.address() as AddressInfo;
  const url = new URL(target);
  url.hostname = '127.0.0.1';
  url.port = String(port);
  return {
    url: url.href,
    cut,
    restore: () => listen(port),
    freeze() {
      for (const socket of sockets) socket.unpipe().pause();
    },
    deafen() {
      for (const socket of upstreams) socket.unpipe().pause();
    },
    close: async () => {
      if (server.listening) await cut();
    },
  };
}
