// What the file system says, in sentences.

import { Refusal } from '../refusal.ts'

const REASONS: Record<string, string> = {
  ENOSPC: 'there is no room left on that disk',
  EDQUOT: 'there is no room left in the quota of this user',
  EFBIG: 'this user may not write files as large as that',
  EACCES: 'this user has not enough rights there',
  EPERM: 'this user has not enough rights there',
  EROFS: 'nothing can be written on that disk',
  ENOENT: 'there is no such folder',
  ENOTDIR: 'a file is in the place of a folder',
  EEXIST: 'there is something in its place already',
  EIO: 'the disk is broken',
  Z_DATA_ERROR: 'what is there cannot be read',
  Z_BUF_ERROR: 'it ends too early',
}

/** Any other error stays what it is. `what` begins the sentence, `then` ends it. */
export function inWords(error: unknown, what: string, then: string): unknown {
  const reason = REASONS[(error as NodeJS.ErrnoException).code ?? '']
  return reason ? new Refusal(`${what}: ${reason}. ${then}`, { cause: error }) : error
}
