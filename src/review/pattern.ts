// Long regular expressions, written in lines that can be read.

/** A tag: the expression of a template's raw text, without its line breaks and the indentation after them. */
export function pattern(flags = ''): (text: TemplateStringsArray) => RegExp {
  return ({ raw }) => new RegExp(raw.join('').replace(/\n\s*/g, ''), flags)
}
