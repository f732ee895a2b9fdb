import { Gauge, type GaugeConfiguration, type Registry } from 'prom-client';

/** Has a registry show a gauge, which says by itself what it is at each scrape. */
export function addGauge<Label extends string>(
  registry: Registry,
  configuration: Omit<GaugeConfiguration<Label>, 'registers'>,
): void {
  registry.registerMetric(new Gauge({ ...configuration, registers: [] }));
}
