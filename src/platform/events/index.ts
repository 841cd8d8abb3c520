export { DomainEvents, type Reaction } from './domain-events.js';
export { EventKind } from './event-kind.js';
export { EventsModule } from './events.module.js';
