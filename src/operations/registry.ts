// Every operation there is. Transports may offer nothing else; a test walks this list through both of them.

import { createAttachmentLink, downloadAttachment, getAttachmentLimits, uploadAttachment } from './attachments.ts'
import { closeTicket, updateTicket } from './changes.ts'
import { getCluster, listClusters, listClustersByNumber, upsertCluster } from './clusters.ts'
import { addComment } from './comments.ts'
import { createTicket } from './filing.ts'
import { linkTicket } from './linking.ts'
import { getViewer, listOrganisations, listTeamMembers } from './organisations.ts'
import { reviewReport } from './review-report.ts'
import { answerReview, getReview, reviewTicket } from './reviews.ts'
import { getTicket, getTicketByNumber, listTickets, ticketStats } from './tickets.ts'
import { createApiToken, listTokens, revokeApiToken } from './tokens.ts'

export const operations = {
  getViewer,
  listOrganisations,
  listTeamMembers,
  getAttachmentLimits,
  listTokens,
  createApiToken,
  revokeApiToken,
  getCluster,
  listClusters,
  listClustersByNumber,
  upsertCluster,
  getTicket,
  getTicketByNumber,
  listTickets,
  ticketStats,
  getReview,
  reviewTicket,
  answerReview,
  reviewReport,
  createTicket,
  linkTicket,
  addComment,
  uploadAttachment,
  downloadAttachment,
  createAttachmentLink,
  closeTicket,
  updateTicket,
}
