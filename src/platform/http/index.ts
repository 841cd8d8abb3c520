export { ApiProblems } from './api-problems.decorator.js';
export { LARGEST_ID } from '../database/page.js';
export { ApiId, IdParam } from './id-param.js';
export { IsFlag } from './is-flag.decorator.js';
export { MaxBytes } from './max-bytes.validator.js';
export { MayBeAbsent } from './may-be-absent.decorator.js';
export { abortOnDisconnect } from './disconnect.js';
export { checkedRequest, refuseUnstorable, validationError } from './validation.pipe.js';
