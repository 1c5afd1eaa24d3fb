"""gunicorn's settings. The address to listen on comes from the command line (`--bind`)."""

# Requests wait for the database most of their time, so threads; two processes, so that one can fail or be recycled.
worker_class = "gthread"
workers = 2
threads = 4

# A request that takes longer than this is lost. Uploads of the largest size take well under a second.
timeout = 30
# Ctrl-C must end everything within ten seconds.
graceful_timeout = 2
keepalive = 5

# Heartbeat files on a disk can block a worker long enough to be killed (gunicorn's FAQ).
worker_tmp_dir = "/dev/shm"  # noqa: S108 - memory, not a shared folder

# Recycled now and then, at different times, in case something leaks.
max_requests = 20_000
max_requests_jitter = 2_000

# One installation, one command: nobody talks to gunicorn by its socket, which would lie in the home directory.
control_socket_disable = True

# The application writes its own log (service/traffic.py), without document text.
accesslog = None
errorlog = "-"
