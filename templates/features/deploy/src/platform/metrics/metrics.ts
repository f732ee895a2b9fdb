// What Prometheus reads of this process, on a port of its own. No label holds what a caller chose, or
// whom anything is about.
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { collectDefaultMetrics, Registry } from 'prom-client';
import type { Database } from '#app/database/database.ts';
import type { Log } from '#app/log.ts';
import { measureDatabase } from './database.ts';
import { measureRequests } from './requests.ts';
import { tellRelease } from './release.ts';
import type { MetricsSettings } from './settings.ts';

export interface Metrics {
  /** Where they are, as a URL; nothing where METRICS_PORT is not set. */
  readonly url: string | undefined;
  close(): Promise<void>;
}

/** Shows metrics where METRICS_PORT is set, and measures nothing where it is not. */
export async function openMetrics(deps: {
  settings: MetricsSettings;
  log: Log;
  database: Database;
}): Promise<Metrics> {
  const { settings, log, database } = deps;
  const { METRICS_HOST: host, METRICS_PORT: port } = settings;
  if (port === undefined) return { url: undefined, close: async () => {} };

  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  // To Prometheus `_total` is a counter, which these are not. There are others by type.
  for (const kind of ['handles', 'requests', 'resources']) {
    registry.removeSingleMetric(`nodejs_active_${kind}_total`);
  }
  tellRelease(registry, settings);
  measureDatabase(registry, database);
  const server = serve(registry, log);
  const stopMeasuring = measureRequests(registry, server);
  try {
    server.listen(port, host);
    await once(server, 'listening');
  } catch (error) {
    stopMeasuring();
    throw error;
  }

  const { address, port: chosen } = server.address() as AddressInfo;
  const url = `http://${address.includes(':') ? `[${address}]` : address}:${chosen}/metrics`;
  log.info({ url }, 'metrics');
  return {
    url,
    async close() {
      stopMeasuring();
      server.close();
      server.closeAllConnections();
    },
  };
}

function serve(registry: Registry, log: Log): Server {
  const limits = { headersTimeout: 5000, requestTimeout: 5000 };
  return createServer(limits, (request, response) => {
    if (request.method !== 'GET' || request.url !== '/metrics') {
      response.writeHead(404).end();
      return;
    }
    registry.metrics().then(
      (text) => response.setHeader('Content-Type', registry.contentType).end(text),
      (error: unknown) => {
        log.error({ err: error }, 'the metrics could not be read');
        response.writeHead(500).end();
      },
    );
  });
}
