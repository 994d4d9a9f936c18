// Refuses what costs too much before it runs, and tells in each answer what it cost (`extensions.cost`).

import { type ExecutionArgs, type ExecutionResult, GraphQLError } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import type { Context } from '../context.ts'
import { costOf, MAX_COST } from './cost.ts'
import { schema } from './schema.ts'
import type { Arrived } from './server.ts'

export interface Cost {
  requested: number
  limit: number
}

/** @throws GraphQLError COST_LIMIT */
export function requireCost({ document, operationName, variableValues }: ExecutionArgs): Cost {
  const requested = costOf({ schema, document, operationName, variableValues })
  const cost = { requested, limit: MAX_COST }
  if (requested <= MAX_COST) return cost
  const [asked, most] = [requested, MAX_COST].map((number) => number.toLocaleString('en'))
  throw new GraphQLError(
    `This document costs ${asked}; at most ${most} are allowed. Ask for fewer rows or fewer nested lists.`,
    { extensions: { code: 'COST_LIMIT', ...cost, http: { status: 400, spec: true } } },
  )
}

export const costs: Plugin<Context, Arrived> = {
  onExecute({ args, setResultAndStopExecution }) {
    try {
      const cost = requireCost(args as ExecutionArgs)
      return {
        onExecuteDone({ result, setResult }) {
          if (Symbol.asyncIterator in result) return
          const single = result as ExecutionResult
          setResult({ ...single, extensions: { ...single.extensions, cost } })
        },
      }
    } catch (error) {
      if (!(error instanceof GraphQLError)) throw error
      const { requested, limit } = error.extensions
      setResultAndStopExecution({ errors: [error], extensions: { cost: { requested, limit } } })
    }
  },
}
