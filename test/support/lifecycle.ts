// Which status follows which by the team's hand, written down once more: what the tests of both transports go by.

export const BY_TEAM: Record<string, readonly string[]> = {
  pending_review: ['open', 'closed'],
  open: ['triaging', 'in_progress', 'waiting_customer', 'resolved', 'closed'],
  triaging: ['open', 'in_progress', 'waiting_customer', 'resolved', 'closed'],
  in_progress: ['triaging', 'waiting_customer', 'resolved', 'closed'],
  waiting_customer: ['in_progress', 'resolved', 'closed'],
  resolved: ['in_progress', 'closed'],
  closed: ['open'],
}
