#include "aws/client.h"
#include "base/file.h"

enum { FILE_TEXT_MAX = 1 << 20 };

struct str aws_read_file(struct aws *aws, struct arena *a, struct str path)
{
    const struct aws_system *s = &aws->options.system;
    struct str text = {0};
    struct str why;

    if (s->read_file)
        return s->read_file(s->context, a, path, &text) ? text : (struct str){0};
    return file_read(a, path, FILE_TEXT_MAX, &text, &why) ? (struct str){0} : text;
}
