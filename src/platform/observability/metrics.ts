import { Injectable } from '@nestjs/common';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';

/** Seconds. From what is served out of memory to what a person has given up on. */
const SECONDS = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** Values of what is looked at, by the value of the label. */
type Seen = ReadonlyMap<string, number>;

/**
 * What this process counts, for Prometheus. Whoever counts something makes its metric here.
 *
 * Every different set of labels is a series that is kept as long as the process lives. So a label has few values, which are known
 * beforehand: kinds, outcomes, templates of routes; never ids, names, addresses or anything that somebody has sent.
 */
@Injectable()
export class Metrics {
  readonly registry = new Registry();

  counter<L extends string>(name: string, help: string, labelNames: readonly L[]): Counter<L> {
    return new Counter({ name, help, labelNames, registers: [this.registry] });
  }

  /** Of durations in seconds. */
  durations<L extends string>(name: string, help: string, labelNames: readonly L[]): Histogram<L> {
    return new Histogram({ name, help, labelNames, buckets: SECONDS, registers: [this.registry] });
  }

  /** What is at the moment. @param look is called whenever somebody asks; gives a value, or one for each value of the label */
  gauge(name: string, help: string, look: () => number): void;
  gauge(name: string, help: string, look: () => Seen | Promise<Seen>, label: string): void;
  gauge(name: string, help: string, look: () => number | Seen | Promise<Seen>, label?: string): void {
    const gauge = new Gauge({
      name,
      help,
      labelNames: label === undefined ? [] : [label],
      registers: [],
      async collect() {
        const seen = await look();
        this.reset();
        if (typeof seen === 'number') this.set(seen);
        else for (const [value, number] of seen) this.set(label === undefined ? {} : { [label]: value }, number);
      },
    });
    this.registry.registerMetric(gauge);
  }
}
