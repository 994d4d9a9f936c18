// When things of the demonstration happened, told from now: it always looks as if the last six weeks were just over.

/** The fifth working day before today at 9:30 (UTC): "-5 09:30". Or, for what is quite new: "20 minutes ago". */
export type When = `-${number} ${number}:${number}` | `${number} minutes ago`

const DAY_MS = 24 * 60 * 60 * 1000
const MINUTE_MS = 60 * 1000

/** The moment before `now`; never a Saturday, a Sunday, or today, unless it says minutes. */
export function moment(when: When, now: Date): Date {
  const minutes = /^(\d+) minutes ago$/.exec(when)
  if (minutes) return new Date(now.getTime() - Number(minutes[1]) * MINUTE_MS)
  const [, days, hour, minute] = /^-(\d+) (\d\d):(\d\d)$/.exec(when) ?? []
  if (days === undefined || Number(days) === 0) throw new Error(`"${when}" is no time of the demonstration`)
  const midnight = workingDaysBefore(now, Number(days))
  return new Date(midnight + (Number(hour) * 60 + Number(minute)) * MINUTE_MS)
}

/** The beginning of a day. */
function workingDaysBefore(now: Date, days: number): number {
  let day = Math.floor(now.getTime() / DAY_MS) * DAY_MS
  for (let left = days; left > 0; ) {
    day -= DAY_MS
    if (isWorkingDay(day)) left--
  }
  return day
}

function isWorkingDay(day: number): boolean {
  const weekday = new Date(day).getUTCDay()
  return weekday !== 0 && weekday !== 6
}
