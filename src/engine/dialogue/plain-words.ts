/** The words of a text in small letters, without punctuation, marks and pictures: "What's up?" is `what s up`. */
export function plainWords(text: string): string[] {
  return (
    text
      .normalize('NFKC')
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? []
  );
}
