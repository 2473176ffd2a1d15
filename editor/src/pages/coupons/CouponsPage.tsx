/** Coupon pools: how many codes each has left, which journeys give from it, and putting more in. */
import Button from "antd/es/button";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import { useCouponPools, type CouponPool } from "@/api/coupons";
import { useFormat } from "@/app/format";
import { useNarrow } from "@/app/look";
import { useMay } from "@/app/may";
import { Page } from "@/ui/Page";
import { More } from "@/ui/parts";
import { Rows, type Column } from "@/ui/Rows";
import { Empty, Failed, Loading } from "@/ui/states";
import { PoolDrawer } from "./PoolDrawer";
import { PoolForm } from "./PoolForm";
import "./coupons.css";

export default function CouponsPage() {
  const { t } = useTranslation("coupons");
  const may = useMay();
  const list = useCouponPools();
  const rows = list.data?.pages.flatMap((page) => page.items);
  const [making, setMaking] = useState(false);
  const [parameters, setParameters] = useSearchParams();
  const columns = useColumns();
  const open = rows?.find((row) => row.id === parameters.get("pool"));
  const show = (id: string | null) => setParameters(id ? { pool: id } : {});
  const create = may("edit") && (
    <Button type="primary" data-testid="new-pool" onClick={() => setMaking(true)}>
      {t("new")}
    </Button>
  );
  return (
    <Page title={t("title")} actions={create}>
      {list.isPending && <Loading />}
      {list.isError && !rows && <Failed error={list.error} retry={() => void list.refetch()} />}
      {rows?.length === 0 && <Empty title={t("empty")} hint={t("emptyHint")} action={create} />}
      {rows && rows.length > 0 && (
        <div className="card table-card">
          <Rows rows={rows} columns={columns} label={t("title")} open={(row) => show(row.id)} />
          <More list={list} />
        </div>
      )}
      <PoolForm open={making} pool={null} close={() => setMaking(false)} made={(pool) => show(pool.id)} />
      <PoolDrawer pool={open} close={() => show(null)} />
    </Page>
  );
}

function useColumns(): Column<CouponPool>[] {
  const { t } = useTranslation("coupons");
  const { dateTime } = useFormat();
  const narrow = useNarrow();
  const name = { key: "name", title: t("name"), show: (row: CouponPool) => <b>{row.name}</b> };
  const left = {
    key: "left",
    title: t("left"),
    width: narrow ? 150 : 240,
    show: (row: CouponPool) => <Left pool={row} />,
  };
  const expires = {
    key: "expires",
    title: t("expires"),
    width: 190,
    show: (row: CouponPool) => <span className="quiet">{row.expires_at ? dateTime(row.expires_at) : t("noEnd")}</span>,
  };
  const used = {
    key: "used",
    title: t("usedBy"),
    width: 220,
    show: (row: CouponPool) => (
      <span className="quiet clamp">{row.used_by.map((one) => one.name).join(", ") || "—"}</span>
    ),
  };
  return narrow ? [name, left] : [name, left, expires, used];
}

/** How many are left of how many, as figures and as a bar; a pool that runs dry is marked. */
export function Left({ pool }: { pool: CouponPool }) {
  const { t } = useTranslation("coupons");
  const { number } = useFormat();
  const share = pool.total ? pool.left / pool.total : 0;
  return (
    <div className="pool-left" data-low={pool.low || undefined}>
      <span>
        {t("leftOf", { left: number(pool.left), total: number(pool.total) })}
        {pool.low && (
          <span className="tag" data-tone={pool.left ? "warn" : "bad"}>
            {t(pool.left ? "low" : "dry")}
          </span>
        )}
      </span>
      <i aria-hidden>
        <i style={{ width: `${share * 100}%` }} />
      </i>
    </div>
  );
}
