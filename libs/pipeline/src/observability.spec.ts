import { appSchemas } from '@mosaicme/config';
import { createMetricsPage, metricDefinitions } from '@mosaicme/service';
import { parser } from '@prometheus-io/lezer-promql';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

const root = join(__dirname, '../../..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly runbook: string };
}

interface Panel {
  readonly title: string;
  readonly targets?: readonly { readonly expr: string }[];
}

const rules = (
  parse(read('deploy/observability/alerts.yml')) as { groups: { rules: Rule[] }[] }
).groups.flatMap((group) => group.rules);
const panels = (
  JSON.parse(read('deploy/observability/grafana/mosaicme.json')) as { panels: Panel[] }
).panels;
const operations = read('docs/operations.md');

/** Where each expression stands, and the expression. */
const expressions: readonly (readonly [string, string])[] = [
  ...rules.map(({ alert, expr }) => [`alert ${alert}`, expr] as const),
  ...panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ expr }) => [`panel ${title}`, expr] as const),
  ),
];

/** What an expression of PromQL uses; Grafana's variable for a time span is replaced first. */
function uses(expression: string) {
  const text = expression.replaceAll('$__rate_interval', '5m');
  const metrics = new Set<string>();
  const labels = new Set<string>();
  const mistakes: number[] = [];
  parser.parse(text).iterate({
    enter(node) {
      const { type, from, to } = node;
      if (type.isError) mistakes.push(from);
      if (type.name === 'Identifier' && node.matchContext(['VectorSelector'])) {
        metrics.add(text.slice(from, to));
      }
      if (type.name === 'LabelName') labels.add(text.slice(from, to));
    },
  });
  return { metrics, labels, mistakes };
}

/** The names of all series that an app exports, with the labels of each. */
async function exported(): Promise<ReadonlyMap<string, readonly string[]>> {
  const { body } = await createMetricsPage().render();
  const series = new Map<string, readonly string[]>([['up', []]]);
  for (const [, name = '', kind] of body.matchAll(/^# TYPE (\S+) (\S+)$/gm)) {
    const own = Object.entries(metricDefinitions).find(([candidate]) => candidate === name);
    const labels = own ? ['app', ...own[1].labels] : [];
    if (kind !== 'histogram') series.set(name, labels);
    else {
      series.set(`${name}_bucket`, [...labels, 'le']);
      series.set(`${name}_count`, labels);
      series.set(`${name}_sum`, labels);
    }
  }
  return series;
}

let series: ReadonlyMap<string, readonly string[]>;
beforeAll(async () => {
  series = await exported();
});

it.each(expressions)('%s is valid PromQL', (_place, expression) => {
  expect(uses(expression).mistakes).toEqual([]);
  expect(uses(expression).metrics.size).toBeGreaterThan(0);
});

it.each(expressions)('%s uses only metrics that the apps export', (_place, expression) => {
  for (const name of uses(expression).metrics) expect([...series.keys()]).toContain(name);
});

it.each(expressions)('%s uses only labels that its metrics have', (_place, expression) => {
  const { metrics, labels } = uses(expression);
  // Prometheus adds these two to everything that it scrapes.
  const known = ['job', 'instance', ...[...metrics].flatMap((name) => series.get(name) ?? [])];
  for (const label of labels) expect(known).toContain(label);
});

it('every metric of the system is on the dashboard', () => {
  const shown = new Set(
    panels.flatMap(({ targets = [] }) => targets.flatMap(({ expr }) => [...uses(expr).metrics])),
  );
  for (const [name, { kind }] of Object.entries(metricDefinitions)) {
    // The alerts watch the connection; the dashboard shows what follows from it.
    if (name === 'mosaicme_broker_connected') continue;
    const suffixes = kind === 'histogram' ? ['_bucket', '_count'] : [''];
    expect(suffixes.filter((suffix) => shown.has(name + suffix))).not.toEqual([]);
  }
});

it.each(rules.map((rule) => [rule.alert, rule] as const))(
  '%s says how bad it is, and the runbook says what to do',
  (alert, { for: pending, labels, annotations }) => {
    expect(['warning', 'critical']).toContain(labels.severity);
    expect(pending ?? '0m').toMatch(/^\d+m$/);
    expect(annotations.summary).not.toBe('');
    expect(annotations.runbook).toBe(`docs/operations.md#${alert.toLowerCase()}`);
    expect(operations).toMatch(new RegExp(`^#+ ${alert}$`, 'm'));
  },
);

it('scrapes each app on the port of its health page', () => {
  const { scrape_configs } = parse(read('deploy/observability/prometheus.yml')) as {
    scrape_configs: { dns_sd_configs: { names: string[]; port: number }[] }[];
  };
  const scraped = scrape_configs.flatMap(({ dns_sd_configs }) =>
    dns_sd_configs.flatMap(({ names, port }) => names.map((name) => [name, port])),
  );
  const ports = Object.entries(appSchemas).flatMap(([app, { service }]) =>
    (app === 'collector' ? ['collector-raw', 'collector-in'] : [app]).map((name) => [
      name,
      Number(service.healthPort.fallback),
    ]),
  );
  expect(scraped).toEqual(ports);
});
