/** Who sends a request. */
import type { FastifyRequest } from 'fastify';

/** The address of the other side of the connection; undefined over a unix socket. */
export const clientOf = ({ raw }: FastifyRequest): string | undefined => raw.socket.remoteAddress;
