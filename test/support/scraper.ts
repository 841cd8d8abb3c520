/** Reads metrics as Prometheus does. */
import { METRICS_TOKEN } from './server.mjs';

export interface Sample {
  name: string;
  labels: Record<string, string>;
  value: number;
}

/** @throws Error when a line is none of the text format */
export async function scrape(url: string, token = METRICS_TOKEN): Promise<Sample[]> {
  const response = await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${token}` } });
  if (!response.ok) throw new Error(`Scraping answered ${response.status}: ${await response.text()}`);
  return samplesIn(await response.text());
}

function samplesIn(text: string): Sample[] {
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [, name, labels = '', value] = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
      if (name === undefined) throw new Error(`This is no sample: ${line}`);
      const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, label = '', text = '']) => [
        label,
        text,
      ]);
      return { name, labels: Object.fromEntries(pairs) as Record<string, string>, value: Number(value) };
    });
}
