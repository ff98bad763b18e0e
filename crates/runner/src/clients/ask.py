# What this interpreter is, for the runner: its version, the files that it needs, and whether AWS's
# runtime client and SDK are installed.
import importlib.util
import json
import os
import sys
import sysconfig

library = sysconfig.get_config_var("INSTSONAME") or ""
needed = [path for path in sys.path if path]
needed.append(os.path.join(sys.prefix, "pyvenv.cfg"))
needed.append(os.path.join(sysconfig.get_config_var("LIBDIR") or "", library))
for program in (sys.executable, sys._base_executable):
    needed += [program, os.path.realpath(program)]
client = importlib.util.find_spec("awslambdaric")
print(
    json.dumps(
        {
            "runtime": "python%d.%d" % sys.version_info[:2],
            "directories": sorted(set(path for path in needed if os.path.isabs(path))),
            "aws_client": client and client.origin,
            "boto3": importlib.util.find_spec("boto3") is not None,
        }
    )
)
