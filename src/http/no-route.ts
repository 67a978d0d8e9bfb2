/**
 * Answers to a request that no route takes: there is nothing at its path, or nothing for its method.
 */
import type { FastifyReply } from 'fastify';
import { didYouMean } from '../diagnostics/suggest.ts';
import { sendText } from './plain-text.ts';

/**
 * Answers 404.
 *
 * @param path what was asked for, without the slash before it, where it may be a mistake for one of `known`
 */
export function sendNothing(reply: FastifyReply, path = '', known: Iterable<string> = []): FastifyReply {
  const hint = didYouMean(path, known, (near) => `/${near}`) || '; see / for what there is';
  return sendText(reply, 404, `nothing here${hint}`);
}

/** Answers 405 with the methods that the path takes. */
export function sendNotAllowed(reply: FastifyReply, path: string, methods: readonly string[]): FastifyReply {
  const sentence = `${path} takes ${methods.join(' and ')} only`;
  return sendText(reply.header('allow', methods.join(', ')), 405, sentence);
}
