#ifndef TESTS_UNIT_AWS_SESSIONS_H
#define TESTS_UNIT_AWS_SESSIONS_H

#include "tests/unit/aws/rig.h"

/* What STS is asked, and what it says. */

#define STS  "https://sts.us-west-2.amazonaws.com/"
#define ROLE "arn:aws:iam::111122223333:role/drs-orch"
#define FORM "Content-Type: application/x-www-form-urlencoded; charset=utf-8"

/* STS's answer; the times are the rig's plus some minutes. */
#define SESSION(operation, id, expires)                                                      \
    "<" operation "Response xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><" operation \
    "Result><Credentials><AccessKeyId>" id "</AccessKeyId><SecretAccessKey>s+/="             \
    "</SecretAccessKey><SessionToken>tok&lt;en</SessionToken><Expiration>" expires           \
    "</Expiration></Credentials></" operation "Result></" operation "Response>"
#define REFUSED(code)                                                                         \
    "<ErrorResponse><Error><Type>Sender</Type><Code>" code "</Code><Message>not so</Message>" \
    "</Error><RequestId>sts-1</RequestId></ErrorResponse>"

#endif
