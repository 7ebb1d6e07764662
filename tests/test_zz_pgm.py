import time, statistics, psycopg
from tests.conftest import _admin, TEMPLATE
def test_m(postgres_server):
    url=postgres_server
    with _admin(url) as a:
        for strat in ("WAL_LOG","FILE_COPY","WAL_LOG","FILE_COPY"):
            c=[];d=[]
            for i in range(15):
                t=time.process_time(); w=time.perf_counter(); a.execute(f"CREATE DATABASE x{i} TEMPLATE {TEMPLATE} STRATEGY {strat}"); c.append(time.perf_counter()-w)
                w=time.perf_counter(); a.execute(f"DROP DATABASE x{i} WITH (FORCE)"); d.append(time.perf_counter()-w)
            print(strat, "create", statistics.median(c)*1000, "drop", statistics.median(d)*1000)
        a.execute(f"CREATE DATABASE y TEMPLATE {TEMPLATE}")
    tables=None
    with psycopg.connect(url("y").replace("+psycopg",""),autocommit=True) as c:
        names=[r[0] for r in c.execute("select tablename from pg_tables where schemaname='public' and tablename<>'alembic_version'")]
        ts=[]
        for i in range(15):
            w=time.perf_counter(); c.execute("TRUNCATE "+",".join(f'"{n}"' for n in names)+" RESTART IDENTITY CASCADE"); ts.append(time.perf_counter()-w)
        print("truncate",len(names),statistics.median(ts)*1000)
        de=[]
        for i in range(15):
            w=time.perf_counter()
            with c.transaction():
                c.execute("SET LOCAL session_replication_role=replica")
                for n in names: c.execute(f'DELETE FROM "{n}"')
            de.append(time.perf_counter()-w)
        print("delete",statistics.median(de)*1000)
