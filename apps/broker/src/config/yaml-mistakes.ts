import type { ErrorCode } from 'yaml'

/** Our own words for each: the library's may repeat a part of the text, and that part may be a password. */
const explanations: Record<ErrorCode, string> = {
  ALIAS_PROPS: 'an alias (*name) takes no tag and no anchor; quote the text if it is none',
  BAD_ALIAS: 'an alias (*name) has no anchor of its name; quote the text if it is none',
  BAD_COLLECTION_TYPE: 'this tag does not fit what follows; quote the text if it is no tag',
  BAD_DIRECTIVE: 'this directive (%…) is not known',
  BAD_DQ_ESCAPE: 'this backslash means nothing in double quotes: write it twice, or use single quotes',
  BAD_INDENT: 'the indentation does not fit the lines before: is a bracket not closed?',
  BAD_PROP_ORDER: 'a tag or an anchor stands in the wrong place; quote the text if it is none',
  BAD_SCALAR_START: 'a text that begins with this character wants quotes',
  BLOCK_AS_IMPLICIT_KEY: 'a map or list cannot begin here: is a line break or are quotes missing?',
  BLOCK_IN_FLOW: 'inside { } and [ ] everything is written with { } and [ ]',
  DUPLICATE_KEY: 'this key stands here a second time',
  IMPOSSIBLE: 'this is not valid YAML',
  KEY_OVER_1024_CHARS: 'a key of more than 1024 characters: is a quote missing?',
  MISSING_CHAR: 'a character is missing: a space, a colon, a comma, a quote or a bracket',
  MULTILINE_IMPLICIT_KEY: 'a key has to stand on one line: is a colon or a quote missing?',
  MULTIPLE_ANCHORS: 'two anchors (&name) for one value; quote the text if it is none',
  MULTIPLE_DOCS: 'a second document (---) begins here; there may be only one',
  MULTIPLE_TAGS: 'two tags (!name) for one value; quote the text if it is none',
  NON_STRING_KEY: 'a key has to be a text',
  RESOURCE_EXHAUSTION: 'this is nested too deeply',
  TAB_AS_INDENT: 'a tab indents here: YAML wants spaces',
  TAG_RESOLVE_FAILED: 'a tag (!name) is not known; quote the text if it is none',
  UNEXPECTED_TOKEN:
    'something stands here that does not belong: is a quote, a bracket or a line break missing?',
}

export function explainYamlError(code: ErrorCode): string {
  return explanations[code]
}

/** Mistakes in spite of which the rest says what its author meant, and can be looked at as well. */
export function leavesDataWhole(code: ErrorCode): boolean {
  return code === 'DUPLICATE_KEY' || code === 'TAG_RESOLVE_FAILED' || code === 'BAD_DQ_ESCAPE'
}
