// All commands of the operator, in the order of the help.

import type { Command } from '../command.ts'
import { backupCommands } from './backup.ts'
import { clusterCommands } from './cluster.ts'
import { eventsCommands } from './events.ts'
import { memberCommands } from './member.ts'
import { organisationCommands } from './organisation.ts'
import { personCommands } from './person.ts'
import { redactCommands } from './redact.ts'
import { teamCommands } from './team.ts'
import { tokenCommands } from './token.ts'

export const commands: readonly Command[] = [
  ...organisationCommands,
  ...personCommands,
  ...memberCommands,
  ...teamCommands,
  ...clusterCommands,
  ...tokenCommands,
  ...redactCommands,
  ...backupCommands,
  ...eventsCommands,
]
