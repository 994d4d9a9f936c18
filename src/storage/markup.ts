// Whether a text is a page or a drawing that a browser would run, whatever it is called.

/** The tags by which the MIME Sniffing Standard, section 7.1, knows HTML; a comment is one of them. */
const TAGS = 'html|head|script|iframe|h1|div|font|table|a|style|title|b|body|br|p'
const HTML = new RegExp(`^<(?:!doctype\\s+html|(?:${TAGS})(?=[\\s>/])|!--)`, 'i')
const NAMESPACED = /^<(?:!doctype\s+svg\b|(?:[\w.-]+:)?(?:svg|html)(?=[\s>/]))/i

const XML = /^<(?:\?xml|!doctype)/i
const XML_COMMENT = /<!--.*?(?:-->|$)/gs
const IN_XML = /<!doctype\s+(?:svg|html)\b|<(?:[\w.-]+:)?(?:svg|html)[\s>/]|w3\.org\/(?:2000\/svg|1999\/xhtml)/i

/** `head` is the decoded beginning of the text. Any other XML is text like any other, if its root shows there. */
export function isMarkup(head: string): boolean {
  // More than the standard skips: a browser that is more patient finds no way in either.
  const start = head.replace(/^[\s\p{C}\ufffd]+/u, '')
  if (HTML.test(start) || NAMESPACED.test(start)) return true
  if (!XML.test(start)) return false
  const bare = start.replace(XML_COMMENT, '')
  return IN_XML.test(bare) || !/<\p{L}/u.test(bare)
}
