"""The bundled Postgres and Valkey: found, prepared and described as programs that a supervisor can run."""
