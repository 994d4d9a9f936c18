// The metrics of a server, as Prometheus reads them.

export interface Series {
  name: string
  labels: Record<string, string>
  value: number
}

/** One line a series: `name{label="value"} 1`. */
export function parseMetrics(text: string): Series[] {
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [, name = '', labels = '', value = ''] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? []
      const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, key = '', text = '']) => [key, text])
      return { name, labels: Object.fromEntries(pairs), value: Number(value) }
    })
}

export async function scrape({ url }: { url: string }, headers: Record<string, string> = {}): Promise<Series[]> {
  const response = await fetch(`${url}/metrics`, { headers })
  if (response.status !== 200) throw new Error(`/metrics: ${response.status}`)
  return parseMetrics(await response.text())
}

/** The sum of those that have these labels; null when there is none. */
export function total(series: Series[], name: string, labels: Record<string, string> = {}): number | null {
  const own = series.filter((one) => one.name === name && Object.entries(labels).every(([k, v]) => one.labels[k] === v))
  return own.length === 0 ? null : own.reduce((sum, { value }) => sum + value, 0)
}
