export { ApiProblems } from './api-problems.decorator.js';
export { ApiId, IdParam, LARGEST_ID } from './id-param.js';
export { MaxBytes } from './max-bytes.validator.js';
export { MayBeAbsent } from './may-be-absent.decorator.js';
export { abortOnDisconnect } from './disconnect.js';
export { refuseUnstorable, validationError } from './validation.pipe.js';
