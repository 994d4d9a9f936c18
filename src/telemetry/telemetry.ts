// What is told of a server to those who watch it: metrics and traces together, as operations and parts are given them.

import type { Counts } from './metrics.ts'
import { NO_TRACING, type Tracing } from './tracing.ts'

export interface Telemetry {
  metrics: Counts
  tracing: Tracing
}

const nothing = () => {}

/** For work that nobody watches, such as a command's. */
export const NO_TELEMETRY: Telemetry = {
  metrics: {
    request: nothing,
    operation: nothing,
    connectionWait: nothing,
    delivered: nothing,
    review: nothing,
    modelUsage: nothing,
  },
  tracing: NO_TRACING,
}
