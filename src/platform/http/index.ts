export { ApiProblems } from './api-problems.decorator.js';
export { ApiId, IdParam } from './id-param.js';
export { MaxBytes } from './max-bytes.validator.js';
export { abortOnDisconnect } from './disconnect.js';
export { validationError } from './validation.pipe.js';
