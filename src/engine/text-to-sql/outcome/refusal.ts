/** Recognises input that is no question about data before anything is read into it. */

const LONGEST_QUESTION = 2000;

/** Statements of SQL that read or write; asked in words they look different. */
const STATEMENT =
  /^\s*(?:select\b.*\bfrom\b|insert\s+into\b|update\b.*\bset\b|delete\s+from\b|drop\s+(?:table|database|schema|view|index)\b|alter\s+\w+|create\s+(?:table|view|database|schema|function)\b|truncate\b|grant\b|revoke\b|with\b.*\bas\s*\(|copy\b.*\b(?:to|from)\b|attach\b|pragma\b|explain\b|merge\s+into\b|exec(?:ute)?\b)/is;
const SQL_INSIDE =
  /;\s*(?:select|insert|update|delete|drop|alter|create|truncate|grant|copy|attach|exec)\b|--\s|\/\*|\bunion\s+(?:all\s+)?select\b|\bor\s+1\s*=\s*1\b/i;
/** A wish to change the data. */
const CHANGE =
  /^\s*(?:please\s+|now\s+|then\s+|can\s+you\s+|could\s+you\s+)*(?:drop|delete|remove|erase|truncate|wipe|destroy|insert|update|modify|alter|overwrite|rename|add|change|set|grant|revoke)\s+(?:all|the|every|a|an|this|that|these|those|my|our|from|into|table|database|row|rows|record|records|column|columns|new|everything|\w+s\b)/i;
const INSTRUCTION =
  /\b(?:ignore|disregard|forget)\b.{0,30}\b(?:previous|prior|above|earlier|all|your)\b.{0,30}\b(?:instruction|prompt|rule|message|context)/i;

/** A plain sentence that says why this cannot be answered, or null when it may be a question. */
export function refusal(question: string): string | null {
  if (question.trim() === '')
    return 'The question is empty. Ask something about the data, for example how many rows a table has.';
  if (question.length > LONGEST_QUESTION)
    return `The question is longer than ${LONGEST_QUESTION} characters. Ask for one thing at a time, in one or two sentences.`;
  if (!/[\p{L}\p{N}]/u.test(question))
    return 'The question holds no words. Ask something about the data in a sentence.';
  if (STATEMENT.test(question) || SQL_INSIDE.test(question))
    return 'This looks like SQL. Ask in plain words, or run it as SQL, where it is checked first.';
  if (CHANGE.test(question))
    return 'This asks to change the data. Questions only ever read it; ask what you want to know instead.';
  if (INSTRUCTION.test(question))
    return 'This is an instruction and not a question about the data. Ask what you want to know about the tables.';
  return null;
}
