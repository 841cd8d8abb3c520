export {
  type Actor,
  ACTOR_KINDS,
  type ActorKind,
  actAs,
  currentActor,
  inSameName,
  recognise,
  visitor,
} from './actor.js';
export { type AuditEntry, AuditLog, auditRows, insertAudit } from './audit-log.js';
export { AuditModule } from './audit.module.js';
export { difference, pick } from './difference.js';
export { type Change, UnitOfWork } from './unit-of-work.js';
