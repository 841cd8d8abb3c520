export { type AuditVerdict, AuditVerification, type ChainEnd, parseChainEnd } from './audit-verification.service.js';
export { SystemModule } from './system.module.js';
