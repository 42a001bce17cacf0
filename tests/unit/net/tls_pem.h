#ifndef TESTS_UNIT_NET_TLS_PEM_H
#define TESTS_UNIT_NET_TLS_PEM_H

/*
 * A self-signed certificate for 127.0.0.1 and localhost, for tests alone, good for 100 years:
 * openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 36500
 *   -subj "/CN=drwave test" -addext "subjectAltName=IP:127.0.0.1,DNS:localhost"
 */
static const char tls_test_key[] =
    "-----BEGIN PRIVATE KEY-----\n"
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgxwgtn6Jcco/yHuoc\n"
    "9tL5BmVoURUJ8znrMVlss451YYqhRANCAASm8hk9RlImEPqjipXcniRQlofh0HXX\n"
    "wTtycNVpvFTr5Ygq4OaXO7fKbL6KjBmoOtebL77VdWwK2FT6rez3Zpmy\n"
    "-----END PRIVATE KEY-----\n";

static const char tls_test_certificate[] =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBoDCCAUWgAwIBAgIUV3Are+F2Q6t75wuGjG7VcLzn/m0wCgYIKoZIzj0EAwIw\n"
    "FjEUMBIGA1UEAwwLZHJ3YXZlIHRlc3QwIBcNMjYxMTIxMDMyOTI2WhgPMjEyNjEw\n"
    "MjgwMzI5MjZaMBYxFDASBgNVBAMMC2Ryd2F2ZSB0ZXN0MFkwEwYHKoZIzj0CAQYI\n"
    "KoZIzj0DAQcDQgAEpvIZPUZSJhD6o4qV3J4kUJaH4dB118E7cnDVabxU6+WIKuDm\n"
    "lzu3ymy+iowZqDrXmy++1XVsCthU+q3s92aZsqNvMG0wHQYDVR0OBBYEFLYaFqDo\n"
    "/Z0RlBOaeFGCyRdf06zGMB8GA1UdIwQYMBaAFLYaFqDo/Z0RlBOaeFGCyRdf06zG\n"
    "MA8GA1UdEwEB/wQFMAMBAf8wGgYDVR0RBBMwEYcEfwAAAYIJbG9jYWxob3N0MAoG\n"
    "CCqGSM49BAMCA0kAMEYCIQCE60ONngCfO4ghveAGBzUNkMJXTFsTwTq3YWiBbt7w\n"
    "bQIhAMmbtmn3AmkQHaMkbKmf63/xP4ihCZ8kJh5nZJdv7Luf\n"
    "-----END CERTIFICATE-----\n";

#endif
