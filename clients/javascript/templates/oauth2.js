/**
 * Gets access tokens, and new ones before they expire.
 *
 *     const session = new OAuth2Session({ server: "https://api.example.com", clientId });
 *     await session.signIn("ada", "difference-engine-2");
 *     session.accessToken() // a promise of a valid token
 *
 * @module oauth2
 */

/** A token is not used in its last seconds: it might expire on its way. */
const MARGIN = 30;

/**
 * The server gave no token.
 *
 * `error` is the code of RFC 6749 section 5.2: after `invalid_grant` and
 * `login_required` the user has to sign in again. `status` is the HTTP status.
 */
export class OAuth2Error extends Error {
  /**
   * @param {string} error
   * @param {string} [description]
   * @param {number} [status]
   */
  constructor(error, description = "", status = 0) {
    super(description ? `${error}: ${description}` : error);
    this.name = "OAuth2Error";
    this.error = error;
    this.status = status;
  }
}

/**
 * @typedef {object} OAuth2Options
 * @property {string} server The URL of the server, without `/api/v1`.
 * @property {string} clientId
 * @property {string} [clientSecret] Of confidential clients; never in a browser.
 * @property {string} [scope] What the tokens allow, as in `"teams:read users:read"`;
 *   by default what the client may.
 * @property {typeof fetch} [fetch] By default the global one.
 */

/**
 * What has to be kept between `authorizationUrl` and `redeem`, by a page in its
 * `sessionStorage`.
 * @typedef {{ state: string, codeVerifier: string, redirectUri: string }} Kept
 */

/** The tokens of one user, or of the client itself. */
export class OAuth2Session {
  /** @type {Record<string, any>} */
  #tokens = {};
  #expires = 0;
  /**
   * The form that asks for the next token.
   * @type {Record<string, string> | undefined}
   */
  #renewal;
  /** @type {Promise<void> | undefined} */
  #renewing;
  /** @type {OAuth2Options} */
  #options;
  /** @type {string} */
  #server;
  /** @type {Record<string, string>} */
  #scope;

  /** @param {OAuth2Options} options */
  constructor(options) {
    this.#options = options;
    this.#server = options.server.replace(/\/+$/, "");
    this.#scope = options.scope ? { scope: options.scope } : {};
  }

  /** The URL of the API: the `basePath` of a configuration. */
  get basePath() {
    return `${this.#server}/api/v1`;
  }

  /**
   * The latest refresh token. Who keeps it, for `resume`, keeps it like a password.
   * @returns {string | undefined}
   */
  get refreshToken() {
    return this.#tokens.refresh_token;
  }

  /**
   * Sign a user in by the password grant, which few servers allow.
   * @param {string} username
   * @param {string} password
   * @returns {Promise<void>}
   */
  async signIn(username, password) {
    await this.#begin("password", { username, password, ...this.#scope });
  }

  /**
   * Sign in as the client itself, in nobody's name (client credentials).
   * @returns {Promise<void>}
   */
  async signInAsClient() {
    await this.#begin("client_credentials", this.#scope);
  }

  /**
   * Continue an earlier session by its latest refresh token, which works once.
   * @param {string} refreshToken
   * @returns {Promise<void>}
   */
  async resume(refreshToken) {
    await this.#begin("refresh_token", { refresh_token: refreshToken });
  }

  /**
   * Return the URL where a user signs in by a browser, and what to keep for it. The
   * browser is sent back to `redirectUri`; then call `redeem`.
   * @param {string} redirectUri
   * @returns {Promise<{ url: string, kept: Kept }>}
   */
  async authorizationUrl(redirectUri) {
    const kept = { state: random(), codeVerifier: random(), redirectUri };
    const verifier = new TextEncoder().encode(kept.codeVerifier);
    const hash = await crypto.subtle.digest("SHA-256", verifier);
    const query = new URLSearchParams({
      response_type: "code",
      client_id: this.#options.clientId,
      redirect_uri: redirectUri,
      state: kept.state,
      code_challenge: base64url(new Uint8Array(hash)),
      code_challenge_method: "S256",
      ...this.#scope,
    });
    return { url: `${this.#server}/auth/oauth2/authorize?${query}`, kept };
  }

  /**
   * Sign in with the URL that the browser was sent back to.
   * @param {string} url
   * @param {Kept} kept
   * @returns {Promise<void>}
   */
  async redeem(url, kept) {
    const answer = new URL(url).searchParams;
    if (answer.get("state") !== kept.state) {
      throw new OAuth2Error("invalid_state", "The URL belongs to another sign-in.");
    }
    const code = answer.get("code");
    if (code === null) {
      const error = answer.get("error") ?? "invalid_request";
      throw new OAuth2Error(error, answer.get("error_description") ?? "");
    }
    await this.#begin("authorization_code", {
      code,
      code_verifier: kept.codeVerifier,
      redirect_uri: kept.redirectUri,
    });
  }

  /**
   * Forget the tokens, and have them revoked.
   * @returns {Promise<void>}
   */
  async signOut() {
    const token = this.refreshToken ?? this.#tokens.access_token;
    this.#forget();
    if (token) {
      await this.#post("revoke", { token });
    }
  }

  /**
   * Return a valid token, a new one if need be; throw OAuth2Error if none is to be had.
   * It can be handed on as it is: `accessToken: session.accessToken`.
   * @returns {Promise<string>}
   */
  accessToken = async () => {
    if (Date.now() / 1000 >= this.#expires) {
      // Several calls at once share one renewal: a refresh token works once.
      this.#renewing ??= this.#renew().finally(() => (this.#renewing = undefined));
      await this.#renewing;
    }
    return this.#tokens.access_token;
  };

  #forget() {
    this.#tokens = {};
    this.#expires = 0;
    this.#renewal = undefined;
  }

  /**
   * @param {string} grantType
   * @param {Record<string, string>} parameters
   */
  async #begin(grantType, parameters) {
    this.#forget();
    await this.#ask({ grant_type: grantType, ...parameters });
  }

  async #renew() {
    if (this.#renewal === undefined) {
      throw new OAuth2Error("login_required", "Nobody is signed in.");
    }
    try {
      await this.#ask(this.#renewal);
    } catch (error) {
      if (error instanceof OAuth2Error && error.error === "invalid_grant") {
        this.#forget();
      }
      throw error;
    }
  }

  /** @param {Record<string, string>} form */
  async #ask(form) {
    const asked = Date.now() / 1000;
    this.#tokens = await this.#post("token", form);
    const lifetime = this.#tokens.expires_in;
    this.#expires = asked + Math.max(lifetime - MARGIN, lifetime / 2);
    if (this.refreshToken !== undefined) {
      const renewal = { grant_type: "refresh_token" };
      this.#renewal = { ...renewal, refresh_token: this.refreshToken };
    } else {
      const own = form.grant_type === "client_credentials";
      this.#renewal = own ? form : undefined;
    }
  }

  /**
   * @param {string} endpoint
   * @param {Record<string, string>} form
   * @returns {Promise<Record<string, any>>}
   */
  async #post(endpoint, form) {
    const { clientId, clientSecret } = this.#options;
    const body = new URLSearchParams(form);
    const headers = new Headers();
    if (clientSecret === undefined) {
      body.set("client_id", clientId);
    } else {
      const pair = [clientId, clientSecret].map(encodeURIComponent).join(":");
      headers.set("Authorization", `Basic ${btoa(pair)}`);
    }
    const send = this.#options.fetch ?? fetch;
    const url = `${this.#server}/auth/oauth2/${endpoint}`;
    const response = await send(url, { method: "POST", headers, body });
    const answer = await response.json().catch(() => ({}));
    if (!response.ok) {
      const about = answer.error_description ?? answer.detail ?? "";
      const error = answer.error ?? `HTTP ${response.status}`;
      throw new OAuth2Error(error, about, response.status);
    }
    return answer;
  }
}

/** @returns {string} */
function random() {
  return base64url(crypto.getRandomValues(new Uint8Array(36)));
}

/**
 * @param {Uint8Array} bytes
 * @returns {string}
 */
function base64url(bytes) {
  const text = btoa(String.fromCharCode(...bytes));
  return text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
