/** Every migration, oldest first. The schema changes through these only, and a landed one is never edited. */
import type { MigrationInterface } from 'typeorm';
import { InitialSchema1795413353869 } from './1795413353869-initial-schema.js';
import { RolesAndUniqueNames1795413400000 } from './1795413400000-roles-and-unique-names.js';
import { AuditChain1795422702982 } from './1795422702982-audit-chain.js';
import { OpenIdConnect1795423675953 } from './1795423675953-open-id-connect.js';
import { ResultKeys1795425432911 } from './1795425432911-result-keys.js';
import { LinksFromAdministrators1795429973131 } from './1795429973131-links-from-administrators.js';
import { KeepTheEndOfTheAuditChain1795430000000 } from './1795430000000-keep-the-end-of-the-audit-chain.js';
import { CancelRequests1795432000000 } from './1795432000000-cancel-requests.js';
import { QueryLists1795694000000 } from './1795694000000-query-lists.js';
import { BudgetsMetricsAndRepetitions1795694100000 } from './1795694100000-budgets-metrics-and-repetitions.js';
import { CombinedSources1795694871197 } from './1795694871197-combined-sources.js';
import { QuestionState1795696000000 } from './1795696000000-question-state.js';
import { Evaluations1795696100000 } from './1795696100000-evaluations.js';
import { Insights1795697000000 } from './1795697000000-insights.js';
import { Documents1795700100000 } from './1795700100000-documents.js';
import { NotificationsWebhooksAndBudgets1795716449815 } from './1795716449815-notifications-webhooks-and-budgets.js';
import { Conversations1795716843003 } from './1795716843003-conversations.js';
import { Postings1795717000000 } from './1795717000000-postings.js';
import { Workspaces1795718000000 } from './1795718000000-workspaces.js';
import { Dashboards1795718100000 } from './1795718100000-dashboards.js';
import { ExportsAndReports1795720000000 } from './1795720000000-exports-and-reports.js';
import { ExportsOfDashboards1795721000000 } from './1795721000000-exports-of-dashboards.js';
import { Agents1795724000000 } from './1795724000000-agents.js';
import { Alerts1795725000000 } from './1795725000000-alerts.js';
import { SearchesAndVectors1795760000000 } from './1795760000000-searches-and-vectors.js';
import { IndexesOfLists1795770000000 } from './1795770000000-indexes-of-lists.js';

export const migrations: readonly (new () => MigrationInterface)[] = [
  InitialSchema1795413353869,
  RolesAndUniqueNames1795413400000,
  AuditChain1795422702982,
  OpenIdConnect1795423675953,
  ResultKeys1795425432911,
  LinksFromAdministrators1795429973131,
  KeepTheEndOfTheAuditChain1795430000000,
  CancelRequests1795432000000,
  QueryLists1795694000000,
  BudgetsMetricsAndRepetitions1795694100000,
  CombinedSources1795694871197,
  QuestionState1795696000000,
  Evaluations1795696100000,
  Insights1795697000000,
  Documents1795700100000,
  NotificationsWebhooksAndBudgets1795716449815,
  Conversations1795716843003,
  Postings1795717000000,
  Workspaces1795718000000,
  Dashboards1795718100000,
  ExportsAndReports1795720000000,
  ExportsOfDashboards1795721000000,
  Agents1795724000000,
  Alerts1795725000000,
  SearchesAndVectors1795760000000,
  IndexesOfLists1795770000000,
];
