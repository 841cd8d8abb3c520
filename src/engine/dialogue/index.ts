export { plainWords } from './plain-words.js';
export { looksLikeQuestion, looksLikeSql } from './looks-like-question.js';
export { type Choice, chooseOption, type Option } from './choose-option.js';
export { exampleCandidates } from './example-questions.js';
export { type Instruction, instructionIn, type Synonym, withSynonyms } from './instructions.js';
export { tellResult, type ToldResult } from './tell-result.js';
export { type SmallTalk, smallTalkOf } from './small-talk.js';
