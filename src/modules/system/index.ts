export { type AuditVerdict, AuditVerification, parseChainEnd } from './audit-verification.service.js';
export { SystemModule } from './system.module.js';
