/** Names of server variables, as they may stand in `SET SESSION name = value`: nothing that needs quoting. */
export const VARIABLE_NAME = /^[a-zA-Z_][a-zA-Z0-9_.]*$/;
