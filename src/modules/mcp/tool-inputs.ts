/** What several tools take, within the limits of the REST API. */
import { z } from 'zod';
import { LARGEST_ID } from '../../platform/http/index.js';

const LARGEST_PAGE = 200;

export const id = (what: string): z.ZodNumber => z.number().int().min(1).max(LARGEST_ID).describe(what);

export const cursor = z.string().max(200).optional().describe('The next_cursor of the page before.');

export const limit = (usual: number): z.ZodDefault<z.ZodNumber> =>
  z.number().int().min(1).max(LARGEST_PAGE).default(usual).describe('How many to give, at most.');
