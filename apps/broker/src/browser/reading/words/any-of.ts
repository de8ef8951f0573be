/** Any of the words, wherever letters do not go on before it; scripts without spaces have no such borders. */
export function anyOf(...words: string[]): RegExp {
  return new RegExp(
    words
      .map((word) => (/^[\p{Script=Latin}\p{Script=Cyrillic}]/u.test(word) ? `(?<![\\p{L}])${word}` : word))
      .join('|'),
    'iu',
  )
}
