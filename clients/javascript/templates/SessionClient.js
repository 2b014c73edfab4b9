import ApiClient from "./ApiClient";

/**
 * A client that sends a valid token of a session with each request.
 *
 *     const users = new UsersApi(new SessionClient(session));
 *
 * @module SessionClient
 */
export default class SessionClient extends ApiClient {
  /** @param {import("./oauth2").OAuth2Session} session */
  constructor(session) {
    super(session.basePath);
    this.session = session;
  }

  async callApi(...call) {
    this.authentications.oauth2.accessToken = await this.session.accessToken();
    return super.callApi(...call);
  }
}
