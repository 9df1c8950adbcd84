/** MSAL takes no authority without TLS, and the benchmark's upstream has none: the same requests, sent there instead. */
import type { INetworkModule, NetworkRequestOptions, NetworkResponse } from "@azure/msal-node";

export function plainNetwork(tokenEndpoint: string): INetworkModule {
  const send = async <T>(method: string, options?: NetworkRequestOptions) => {
    const response = await fetch(tokenEndpoint, {
      method,
      ...(options?.headers ? { headers: options.headers } : {}),
      ...(options?.body ? { body: options.body } : {}),
    });
    const answer: NetworkResponse<T> = {
      status: response.status,
      headers: Object.fromEntries(response.headers),
      body: await response.json() as T,
    };
    return answer;
  };
  return {
    sendGetRequestAsync: (_url, options) => send("GET", options),
    sendPostRequestAsync: (_url, options) => send("POST", options),
  };
}
