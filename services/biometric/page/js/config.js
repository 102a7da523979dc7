/** config.json, which whoever hosts the page writes. */

const AUTHORIZATIONS = ["none", "bearer"];

/**
 * Read the config.
 *
 * @returns {Promise<{api: string, authorization: "none"|"bearer"}>} The API's address without a slash at its end.
 * @throws {Error} It cannot be read or used; the message says why.
 */
export async function readConfig() {
  const response = await fetch("config.json", { cache: "no-store" });
  if (!response.ok) throw new Error(`config.json cannot be read: ${response.status} ${response.statusText}`);
  const { api, authorization = "none" } = await response.json();
  if (typeof api !== "string") throw new Error('config.json: "api" is missing; it is the address of the API');
  if (!AUTHORIZATIONS.includes(authorization)) {
    throw new Error('config.json: "authorization" is neither "none" nor "bearer"');
  }
  return { api: new URL(api, document.baseURI).href.replace(/\/+$/, ""), authorization };
}
