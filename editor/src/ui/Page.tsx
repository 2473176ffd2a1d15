/** A page in the frame: its name and its buttons in the top bar, its content below. */
import type { ReactNode } from "react";
import { Link } from "react-router";
import { useTitle } from "@/app/title";
import { TopBar } from "@/app/TopBar";

type Props = {
  title: string;
  back?: { to: string; label: string };
  actions?: ReactNode;
  children: ReactNode;
  wide?: boolean;
};

export function Page({ title, back, actions, children, wide }: Props) {
  useTitle(title);
  return (
    <>
      <TopBar>
        {back && (
          <Link to={back.to} className="topbar-back">
            {back.label}
          </Link>
        )}
        {back && (
          <span className="topbar-slash" aria-hidden>
            /
          </span>
        )}
        <h1 className="topbar-title">{title}</h1>
        <div className="topbar-actions">{actions}</div>
      </TopBar>
      <div className={wide ? "page page-wide" : "page"}>{children}</div>
    </>
  );
}
