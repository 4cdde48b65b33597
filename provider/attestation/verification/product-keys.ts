/**
 * The keys that sign Docker Hardened Images: of its keyring the active one, `dhi.io/keyring/latest.pub`
 * (docker-hardened-images/keyring, publickey/dhi-2.pub).
 */
export const productKeys = `-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEKdROmntRJFBrOJOQF5ww6gDBJqGm
Fxa4333s1KsL9ISjtmRzGNih9lNRsqfRVjgFgJIdL6EQ9dohdanvn7r2cg==
-----END PUBLIC KEY-----
`;
