/** An answer other than success, in the shape of GitHub's error bodies. */
export class Refusal extends Error {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, message: string, more: RefusalDetails = {}) {
    super(message);
    this.name = 'Refusal';
    this.status = status;
    this.headers = more.headers ?? {};
    this.body = {
      message,
      ...(more.errors ? { errors: more.errors } : {}),
      documentation_url: 'https://docs.github.com/rest',
      status: String(status),
    };
  }
}

export interface RefusalDetails {
  readonly errors?: readonly (string | FieldError)[];
  readonly headers?: Readonly<Record<string, string>>;
}

export interface FieldError {
  readonly resource: string;
  readonly field?: string;
  readonly code: 'missing' | 'missing_field' | 'invalid' | 'already_exists' | 'unprocessable' | 'custom';
  readonly message?: string;
}

export const badCredentials = (message = 'Bad credentials'): Refusal => new Refusal(401, message);
export const notFound = (): Refusal => new Refusal(404, 'Not Found');
export const notAccessible = (by: 'integration' | 'personal access token' = 'integration'): Refusal =>
  new Refusal(403, `Resource not accessible by ${by}`);

export function invalid(errors: readonly (string | FieldError)[], message = 'Validation Failed'): Refusal {
  return new Refusal(422, message, { errors });
}
