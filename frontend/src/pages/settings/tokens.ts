/** Where the API keeps tokens. */

export const TOKENS = '/api/v1/tokens/';
