"""Turns a text file into a C array: embed.py INPUT OUTPUT NAME"""
import sys

source, target, name = sys.argv[1:]
with open(source, 'rb') as f:
    data = f.read()
rows = [', '.join(str(b) for b in data[i:i + 20]) for i in range(0, len(data), 20)]
with open(target, 'w') as f:
    f.write('#include <stddef.h>\n\nextern const char %s[];\nextern const size_t %s_len;\n\n' % (name, name))
    f.write('const char %s[] = {\n    %s, 0,\n};\nconst size_t %s_len = %d;\n' % (name, ',\n    '.join(rows), name, len(data)))
