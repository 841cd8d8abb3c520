export { MailModule } from './mail.module.js';
export { type Mail, type MailAttachment, Mailer } from './mailer.js';
